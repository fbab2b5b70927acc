/** The verbs of the {@code flotilla} command: they read options, call the packages that do the work, and say what came of it. */
@NullMarked
package dev.flotilla.controller.command;

import org.jspecify.annotations.NullMarked;
