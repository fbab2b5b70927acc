/** Checks everything that a fleet needs, and says what would still work without its bucket or the API of its zone. */
@NullMarked
package dev.flotilla.controller.doctor;

import org.jspecify.annotations.NullMarked;
