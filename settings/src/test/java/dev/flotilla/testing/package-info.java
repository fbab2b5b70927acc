/** What tests of several modules share. */
@NullMarked
package dev.flotilla.testing;

import org.jspecify.annotations.NullMarked;
