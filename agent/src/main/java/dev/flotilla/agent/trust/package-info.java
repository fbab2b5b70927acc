/** Trust in releases by The Update Framework 1.0: keys, signed documents, root and release metadata, for the side that signs and the side that verifies. Pure but for key files. */
@NullMarked
package dev.flotilla.agent.trust;

import org.jspecify.annotations.NullMarked;
