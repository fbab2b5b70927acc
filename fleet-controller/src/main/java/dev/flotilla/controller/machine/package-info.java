/** Machines and what they can be asked to do, whatever the way to them. */
@NullMarked
package dev.flotilla.controller.machine;

import org.jspecify.annotations.NullMarked;
