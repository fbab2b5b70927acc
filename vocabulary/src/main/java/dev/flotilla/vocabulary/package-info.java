/** Values that the mirror, the agent and the controller share. Pure: no files, no network, no dependencies. */
@NullMarked
package dev.flotilla.vocabulary;

import org.jspecify.annotations.NullMarked;
