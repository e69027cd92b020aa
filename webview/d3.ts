/**
 * What the pages use of d3, module by module: through its one big entry, modules with side effects (transitions, colour schemes,
 * geography) would come along, a fifth of the page's script.
 */
export { bisectRight, group } from "d3-array";
export { axisBottom, axisLeft } from "d3-axis";
export { color, rgb } from "d3-color";
export { format, formatLocale } from "d3-format";
export { interpolateLab, interpolateRgb } from "d3-interpolate";
export { scaleBand, scaleLinear, scaleLog, scaleTime, type ScaleBand, type ScaleContinuousNumeric, type ScaleLogarithmic } from "d3-scale";
export { select, type Selection } from "d3-selection";
export { line, symbol, symbolCircle, symbolDiamond, symbolSquare, symbolTriangle, type SymbolType } from "d3-shape";
