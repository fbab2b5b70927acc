/** Wheels built of sdists: machines that build, the sandbox there, and what a wheel has to show before it counts. */
@NullMarked
package dev.flotilla.controller.wheels.build;

import org.jspecify.annotations.NullMarked;
