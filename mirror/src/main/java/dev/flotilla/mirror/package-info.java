@NullMarked
package dev.flotilla.mirror;

import org.jspecify.annotations.NullMarked;
