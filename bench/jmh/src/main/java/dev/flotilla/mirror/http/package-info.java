/** What it costs to take a request's target apart. */
@NullMarked
package dev.flotilla.mirror.http;

import org.jspecify.annotations.NullMarked;
