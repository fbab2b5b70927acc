/** The agent's own programs on disk: the one that has proved itself, and the one on trial. */
@NullMarked
package dev.flotilla.agent.slots;

import org.jspecify.annotations.NullMarked;
