/** Unpacks program archives that may be hostile. */
@NullMarked
package dev.flotilla.agent.archive;

import org.jspecify.annotations.NullMarked;
