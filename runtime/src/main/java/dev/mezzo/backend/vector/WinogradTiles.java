package dev.mezzo.backend.vector;

import dev.mezzo.backend.vector.WinogradTransforms.Map;

/**
 * A plane cut into tiles of m×m pixels, the last of a row or column reaching beyond the edge, row
 * by row, image after image; and the transforms of tiles from and to it. Transformed tiles lie by
 * their place in the tile: place ξ of tile t at {@code ξ·place(tiles) + t·wide}.
 *
 * @param wide elements of a pixel, widened
 * @param m 2 or 4
 * @param margin pixels that a tile takes beside itself, at the top and the left
 */
record WinogradTiles(Plane plane, int wide, int m, int margin, int down, int across) {

  /** The tiles that cover {@code rows} by {@code columns} pixels. */
  static WinogradTiles of(Plane plane, int wide, int m, int margin, int rows, int columns) {
    return new WinogradTiles(plane, wide, m, margin, (rows + m - 1) / m, (columns + m - 1) / m);
  }

  /** Places of a transformed tile. */
  int places() {
    return (m + 2) * (m + 2);
  }

  /**
   * Elements from a place to the next, of so many tiles: a line of a cache more than they are,
   * since a tile's places would all share few lines of it if powers of two lay between them.
   */
  int place(int tiles) {
    return tiles * wide + Lanes.COUNT;
  }

  /** Elements of so many transformed tiles. */
  int size(int tiles) {
    return Math.multiplyExact(places(), place(tiles));
  }

  /**
   * Transforms one row of tiles.
   *
   * @param line the row's number over all images
   * @param tiles of all that lie together
   * @param tile number of the row's first tile
   */
  void transform(Map map, int line, float[] to, int tiles, int tile, Scratch scratch) {
    int size = WinogradTransforms.from(map, m);
    int columns = (across - 1) * m + size;
    float[] rows = scratch.large(0, size * columns * wide);
    int row = line % down * m - margin;
    plane.widen(line / down, row, -margin, size, columns, wide, rows, 0);
    int places = m + 2;
    int toColumn = place(tiles);
    float[] between = scratch.large(4, 36 * wide);
    for (int t = 0; t < across; t++) {
      WinogradTransforms.map(
          map,
          m,
          rows,
          t * m * wide,
          columns * wide,
          wide,
          wide,
          between,
          to,
          (tile + t) * wide,
          places * toColumn,
          toColumn);
    }
  }

  /** Transforms one row of tiles back, to rows of {@code across·m} pixels. */
  void result(int tiles, int tile, float[] from, float[] rows, Scratch scratch) {
    int column = place(tiles);
    float[] between = scratch.large(4, 36 * wide);
    for (int t = 0; t < across; t++) {
      WinogradTransforms.map(
          Map.RESULT,
          m,
          from,
          (tile + t) * wide,
          (m + 2) * column,
          column,
          wide,
          between,
          rows,
          t * m * wide,
          across * m * wide,
          wide);
    }
  }
}
