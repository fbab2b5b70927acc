/**
 * Reads HOCON files into typed settings. Every problem of a file is found in one reading and names its line; unknown
 * keys are problems too.
 */
@NullMarked
package dev.flotilla.settings;

import org.jspecify.annotations.NullMarked;
