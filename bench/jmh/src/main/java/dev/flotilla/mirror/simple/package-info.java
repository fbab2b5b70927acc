/** What it costs to read and to write project pages. */
@NullMarked
package dev.flotilla.mirror.simple;

import org.jspecify.annotations.NullMarked;
