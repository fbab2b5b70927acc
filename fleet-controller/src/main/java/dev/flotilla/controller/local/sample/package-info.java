/**
 * The sample index: a few packages of the project's own, packed at build time into a folder that any web server can serve
 * as a simple index (PEP 503). {@link SampleIndexBuild} is what the build runs; nothing here runs in the product.
 */
@NullMarked
package dev.flotilla.controller.local.sample;

import org.jspecify.annotations.NullMarked;
