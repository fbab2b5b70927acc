/** The certificate that clients see: read from its files, judged, and taken up anew when these change. */
@NullMarked
package dev.flotilla.mirror.certificates;

import org.jspecify.annotations.NullMarked;
