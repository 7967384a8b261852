package bad;

import static dev.mezzo.Ops.*;

import dev.mezzo.Parameter;
import dev.mezzo.State;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.*;

import dev.mezzo.types.Layout;

class MalformedGradient {
  @Op(PrecisionClass.FOLLOW)
  public static Tensor bend(Tensor x, float angle) {
    return x;
  }

  @Gradient(of = "bend", wrt = "x")
  public static Tensor bendGradient(Tensor dy, Tensor z) { // ERROR MalformedGradient: bendGradient
    return dy;
  }

  @Gradient(of = "bend", wrt = "angle")
  public static Tensor bendGradientAngle(Tensor dy) { // ERROR MalformedGradient: bendGradientAngle
    return dy;
  }

  @Gradient(of = "bend", wrt = "x")
  static Tensor bendGradientHidden(Tensor dy) { // ERROR MalformedGradient: bendGradientHidden
    return dy;
  }

  @Gradient(of = "bend", wrt = "x")
  public static Tensor bendGradientWide(Tensor dy, double angle) { // ERROR MalformedGradient: bendGradientWide
    return dy;
  }

  @Gradient(of = "bend", wrt = "x")
  public static float bendGradientFloat(Tensor dy) { // ERROR MalformedGradient: bendGradientFloat
    return 0;
  }

  @Gradient(of = "bend", wrt = {"x", "angle"})
  public static Tensor bendGradientJoint(Tensor dy) { // ERROR MalformedGradient: bendGradientJoint
    return dy;
  }

  @Op(PrecisionClass.FOLLOW)
  public static Tensor centre(Tensor x, State mean) {
    return x;
  }

  @Gradient(of = "centre", wrt = "mean")
  public static Tensor centreGradientMean(Tensor dy) { // ERROR MalformedGradient: centreGradientMean
    return dy;
  }

  @Gradient(of = "bned", wrt = "x")
  public static Tensor misspelt(Tensor dy) { // ERROR MalformedGradient: misspelt
    return dy;
  }

  @Op(PrecisionClass.FOLLOW)
  public static Tensor twist(Tensor x) {
    return x;
  }

  @Op(PrecisionClass.FOLLOW)
  public static Tensor twist(Tensor x, int axis) {
    return x;
  }

  @Gradient(of = "twist(x)", wrt = "x")
  public static Tensor twistGradient(Tensor dy, Layout x) {
    return dy;
  }

  @Gradient(of = "twist", wrt = "x")
  public static Tensor twistGradientAxis(Tensor dy, Layout x) { // ERROR MalformedGradient: twistGradientAxis
    return dy;
  }
}
