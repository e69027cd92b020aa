/** Arithmetic of the shown part of an axis: zoom, pan, and the limits that keep a person from getting lost. */

export type Domain = readonly [number, number];

/** Shows 1/factor of what is shown now, with `anchor` staying where it is; never more than `full`, never less than `least`. */
export function zoomAt(domain: Domain, factor: number, anchor: number, full: Domain, least: number): Domain {
  const width = Math.max(Math.min((domain[1] - domain[0]) / factor, full[1] - full[0]), Math.min(least, full[1] - full[0]));
  const share = (anchor - domain[0]) / (domain[1] - domain[0]);
  return inside([anchor - share * width, anchor + (1 - share) * width], full);
}

/** Moves by `delta` units, stopping at the ends of `full`. */
export function pan(domain: Domain, delta: number, full: Domain): Domain {
  return inside([domain[0] + delta, domain[1] + delta], full);
}

/** Whether a domain shows all of `full`. */
export function isWhole(domain: Domain, full: Domain): boolean {
  return domain[0] <= full[0] && domain[1] >= full[1];
}

/** The y axis for values from `min` to `max`, with a little air; a flat or empty line gets a band around it. */
export function padded(min: number, max: number, log: boolean): Domain {
  if (!(min <= max)) return log ? [0.1, 10] : [0, 1];
  if (log && min > 0) {
    const air = Math.max((max / min) ** 0.06, 1.02);
    return [min / air, max * air];
  }
  const air = max > min ? (max - min) * 0.06 : Math.abs(max) * 0.1 || 1;
  // A value that cannot be negative is not shown below zero only for air.
  return [min >= 0 ? Math.max(0, min - air) : min - air, max + air];
}

function inside(domain: Domain, full: Domain): Domain {
  const width = domain[1] - domain[0];
  if (width >= full[1] - full[0]) return full;
  if (domain[0] < full[0]) return [full[0], full[0] + width];
  if (domain[1] > full[1]) return [full[1] - width, full[1]];
  return domain;
}
