/**
 * What operators and people see of a mirror: readiness, metrics, the last requests and the page for people. Knows neither
 * Vert.x nor HTTP: the listeners of {@code http} hand it out.
 */
@NullMarked
package dev.flotilla.mirror.ops;

import org.jspecify.annotations.NullMarked;
