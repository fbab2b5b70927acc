/**
 * What the mirror says over HTTP: a closed grammar of routes, negotiation, conditional and range requests, answers from
 * prepared buffers, and one place that maps failures to statuses. No client's input becomes a host, a URL or a path here.
 */
@NullMarked
package dev.flotilla.mirror.http;

import org.jspecify.annotations.NullMarked;
