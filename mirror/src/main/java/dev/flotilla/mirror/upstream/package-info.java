/**
 * The only place that opens outbound connections: which hosts may be asked, how often, for how long and for how many
 * bytes.
 */
@NullMarked
package dev.flotilla.mirror.upstream;

import org.jspecify.annotations.NullMarked;
