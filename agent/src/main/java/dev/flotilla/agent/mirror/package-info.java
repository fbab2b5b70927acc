/** The mirror as a process: started, adopted, probed, watched, stopped. */
@NullMarked
package dev.flotilla.agent.mirror;

import org.jspecify.annotations.NullMarked;
