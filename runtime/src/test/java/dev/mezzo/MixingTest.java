package dev.mezzo;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.mezzo.types.DType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Mixed forms of sub-layers: where they stand, which of them are one, what is missing. */
class MixingTest {
  private final Mixing mixing = new Mixing(new WeightRegistry(), "", DType.FP16).full();
  private final Layer a = new Layer();
  private final Layer b = new Layer();

  @Test
  void severalLayersStandUnderTheirIndexOrKey() {
    assertEquals("one.weight", mixing.layer(new Layer(), "one", Form::of).path());
    List<Form> list = mixing.layers(List.of(a, b), "blocks", Form::of);
    assertEquals(List.of("blocks.0.weight", "blocks.1.weight"), paths(list));
    Layer[] array = {new Layer(), new Layer()};
    assertEquals(
        List.of("array.0.weight", "array.1.weight"),
        paths(mixing.layers(array, "array", Form::of)));
    Map<String, Layer> map = new LinkedHashMap<>();
    map.put("z", new Layer());
    map.put("y", new Layer());
    Map<String, Form> forms = mixing.layers(map, "heads", Form::of);
    assertEquals(List.of("heads.z.weight", "heads.y.weight"), paths(forms.values()));
    assertEquals(List.of("z", "y"), List.copyOf(forms.keySet()));
  }

  @Test
  void severalParametersStandUnderTheirIndexOrKey() {
    List<Weight> list = mixing.weights(List.of(a.weight, b.weight), "gains", Weight.Kind.FULL);
    assertEquals(List.of("gains.0", "gains.1"), list.stream().map(Weight::path).toList());
    Parameter other = new Layer().weight;
    Map<String, Weight> map = mixing.weights(Map.of("z", other), "named", Weight.Kind.FULL);
    assertEquals("named.z", requireNonNull(map.get("z")).path());
    Parameter[] tied = {b.weight, other};
    assertEquals("gains.1", mixing.weights(tied, "tied", Weight.Kind.FULL).getFirst().path());
  }

  @Test
  void theSameObjectHasOneForm() {
    List<Form> list = mixing.layers(List.of(a, b, a), "blocks", Form::of);
    assertSame(list.get(0), list.get(2));
    assertNotSame(list.get(0), list.get(1));
    assertSame(list.get(1), mixing.layer(b, "tied", Form::of));
    assertSame(list.get(1), mixing.layers(Map.of(1, b), "map", Form::of).get(1));
  }

  @Test
  @SuppressWarnings("NullAway") // users' fields may be null all the same
  void whatIsMissingIsNamed() {
    @Nullable Layer none = null;
    @Nullable List<Layer> noList = null;
    fails("sub-layer 'last' is null", () -> mixing.layer(none, "last", Form::of));
    fails(
        "sub-layer 'blocks.1' is null",
        () -> mixing.layers(Arrays.asList(a, none), "blocks", Form::of));
    fails(
        "'blocks' is null, but must hold sub-layers or parameters",
        () -> mixing.layers(noList, "blocks", Form::of));
    Parameter[] parameters = {a.weight, null};
    fails(
        "parameter 'gains.1' is null", () -> mixing.weights(parameters, "gains", Weight.Kind.FULL));
  }

  private static void fails(String begin, Runnable build) {
    String message = assertThrows(IllegalStateException.class, build::run).getMessage();
    assertEquals(begin + "; the model must be complete before its training is built", message);
  }

  private static List<String> paths(Iterable<Form> forms) {
    List<String> paths = new ArrayList<>();
    forms.forEach(form -> paths.add(form.path()));
    return paths;
  }

  private static final class Layer {
    private final Parameter weight = GivenGradients.parameter(TestDevices.scalar(), 1f);
  }

  private record Form(Weight weight) {
    static Form of(Layer layer, Mixing mixing) {
      return new Form(mixing.weight(layer.weight, "weight", Weight.Kind.MASTER));
    }

    String path() {
      return weight.path();
    }
  }
}
