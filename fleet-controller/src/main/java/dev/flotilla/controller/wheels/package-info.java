/** Wheels for the fleet's clients: what all that plans, builds and publishes them share. */
@NullMarked
package dev.flotilla.controller.wheels;

import org.jspecify.annotations.NullMarked;
