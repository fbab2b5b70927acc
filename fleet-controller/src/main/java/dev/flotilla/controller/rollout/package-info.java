/** How a release is to go through a fleet, and how far it has come. */
@NullMarked
package dev.flotilla.controller.rollout;

import org.jspecify.annotations.NullMarked;
