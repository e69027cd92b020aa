/** Numbers as recipes write them. */
import * as z from "zod";

export const positiveInt = z.int().positive();
export const fraction = z.number().gt(0).lte(1);
