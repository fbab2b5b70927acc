@NullMarked
package dev.flotilla.agent;

import org.jspecify.annotations.NullMarked;
