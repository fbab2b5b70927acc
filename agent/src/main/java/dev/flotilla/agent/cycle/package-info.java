/** One cycle: look for a release, judge it, stage it, switch to it, prove it or go back. */
@NullMarked
package dev.flotilla.agent.cycle;

import org.jspecify.annotations.NullMarked;
