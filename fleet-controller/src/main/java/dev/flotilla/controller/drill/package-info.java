/** Drills: a region is taken out on purpose, watched as clients would, and brought back whatever happens. */
@NullMarked
package dev.flotilla.controller.drill;

import org.jspecify.annotations.NullMarked;
