/** What a fleet's records answer while nodes are up and down: worked out beforehand, without asking anybody. */
@NullMarked
package dev.flotilla.controller.simulate;

import org.jspecify.annotations.NullMarked;
