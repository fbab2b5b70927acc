/** A plain client of The Update Framework on the command line, as the framework's own conformance suite asks for one. */
@NullMarked
package dev.flotilla.agent.tuf;

import org.jspecify.annotations.NullMarked;
