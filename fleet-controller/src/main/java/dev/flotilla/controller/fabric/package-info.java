/** Where a fleet's machines come from, how far each of them is, and how it is come to. */
@NullMarked
package dev.flotilla.controller.fabric;

import org.jspecify.annotations.NullMarked;
