/** How requests for wheels get their signatures, which the agent beside the mirror makes. */
@NullMarked
package dev.flotilla.mirror.signing;

import org.jspecify.annotations.NullMarked;
