package dev.mezzo.processor.emit;

import com.palantir.javapoet.MethodSpec;
import com.palantir.javapoet.TypeName;
import com.palantir.javapoet.TypeSpec;
import dev.mezzo.processor.model.Formal;
import dev.mezzo.processor.model.LayerContract;
import dev.mezzo.processor.model.Value;
import dev.mezzo.processor.plan.Names;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.lang.model.element.Modifier;

/** Writes the interface that an annotated interface or abstract class becomes. */
public final class ContractEmitter {
  private final LayerContract contract;
  private final Set<String> names = new HashSet<>();

  private ContractEmitter(LayerContract contract) {
    this.contract = contract;
    for (Formal formal : contract.formals()) {
      names.add(MethodEmitter.arguments(List.of(formal)));
    }
  }

  /** The generated interface. */
  public static GeneratedSource emit(LayerContract contract) {
    ContractEmitter emitter = new ContractEmitter(contract);
    return FormFile.write(contract.type(), emitter.type(), contract.border());
  }

  private TypeSpec type() {
    TypeSpec.Builder type = TypeSpec.interfaceBuilder(contract.type().mixed().name());
    if (contract.isPublic()) {
      type.addModifiers(Modifier.PUBLIC);
    }
    type.addJavadoc(
        "What the mixed precision forms of the layers that are a {@link $T} have in common.\n",
        Types.of(contract.type()));
    type.addAnnotation(FormFile.annotation(contract.type(), contract.border()));
    contract.parents().forEach(parent -> type.addSuperinterface(Types.of(parent.mixed())));
    if (!contract.inherits()) {
      String tape = Scope.unique("tape", names);
      type.addMethod(inference()).addMethod(forward(tape)).addMethod(backward(tape));
    }
    return type.build();
  }

  /** {@code Tensor forward(Tensor x);}. */
  private MethodSpec inference() {
    return formals(method("forward", result()).addJavadoc(MethodEmitter.INFERENCE_DOC));
  }

  /** {@code Tensor forward(Tape tape, Tensor x);}. */
  private MethodSpec forward(String tape) {
    return formals(
        method("forward", result())
            .addJavadoc(MethodEmitter.FORWARD_DOC)
            .addParameter(Types.TAPE, tape));
  }

  /** {@code Tensor backward(Tape tape, Tensor dy, boolean wantDx);}. */
  private MethodSpec backward(String tape) {
    List<Value> inputs = contract.inputs();
    String dy = Scope.unique("dy", names);
    MethodSpec.Builder method =
        method("backward", MethodEmitter.result(inputs.size()))
            .addJavadoc("$L", MethodEmitter.backwardDoc(dy, contract.several(), inputs))
            .addParameter(Types.TAPE, tape)
            .addParameter(result(), dy);
    for (Value input : inputs) {
      String flag = Names.wantOf(Names.gradientOf(input.name()));
      method.addParameter(TypeName.BOOLEAN, Scope.unique(flag, names));
    }
    return method.build();
  }

  private TypeName result() {
    return contract.several() ? Types.TENSOR_ARRAY : Types.TENSOR;
  }

  private MethodSpec formals(MethodSpec.Builder method) {
    contract.formals().forEach(formal -> method.addParameter(MethodEmitter.formal(formal)));
    return method.build();
  }

  private static MethodSpec.Builder method(String name, TypeName result) {
    return MethodSpec.methodBuilder(name)
        .addModifiers(Modifier.PUBLIC, Modifier.ABSTRACT)
        .returns(result);
  }
}
