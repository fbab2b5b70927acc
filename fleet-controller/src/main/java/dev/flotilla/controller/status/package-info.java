/** How a fleet is now: what its nodes say, what is seen of them from here, and what DNS answers. */
@NullMarked
package dev.flotilla.controller.status;

import org.jspecify.annotations.NullMarked;
