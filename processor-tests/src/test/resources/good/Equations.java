package demo;

import static dev.mezzo.Ops.einsum;

import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import dev.mezzo.annotations.MasterFp32;

/** Equations that are products of matrices, and one that is none. */
@Half
record Equations(@MasterFp32 Parameter weight, @MasterFp32 Parameter heads) {
  Tensor forward(Tensor x) {
    Tensor keys = einsum("bti,oi->bto", x, weight); // a weight for all
    Tensor scores = einsum("bqd,bkd->bqk", x, keys);
    Tensor turned = einsum("bqk,bqd->bdk", scores, x); // transposed result
    return einsum("bdk,hd->hbk", turned, heads); // no product as it stands
  }
}
