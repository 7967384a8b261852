/**
 * Bindings of the CUDA driver and of the libraries beside it, by the Foreign Function &amp; Memory
 * API. Above each function stands its prototype in C. A library is looked for when it is first
 * called: a class of this package loads whether or not the library is there, and a call without it
 * is an error that says where it was looked for. Every return code is checked here. Nothing in this
 * package knows of tensors.
 */
@NullMarked
package dev.mezzo.backend.cuda.ffi;

import org.jspecify.annotations.NullMarked;
