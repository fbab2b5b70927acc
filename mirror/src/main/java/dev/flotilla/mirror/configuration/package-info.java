/**
 * The mirror's configuration as typed values: read once at the start, every problem reported at once, every bound of the
 * program a field with its default and its reason. Pure apart from reading the one file.
 */
@NullMarked
package dev.flotilla.mirror.configuration;

import org.jspecify.annotations.NullMarked;
