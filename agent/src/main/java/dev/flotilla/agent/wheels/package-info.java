/** The indexes of wheels that the fleet has signed, brought to where the mirror looks for them. */
@NullMarked
package dev.flotilla.agent.wheels;

import org.jspecify.annotations.NullMarked;
