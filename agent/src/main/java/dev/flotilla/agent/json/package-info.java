/** JSON documents as values: strict reading with limits, plain writing. Whole numbers only, since signed metadata knows no others. */
@NullMarked
package dev.flotilla.agent.json;

import org.jspecify.annotations.NullMarked;
