/** Which wheels the fleet's clients lack: from what branches install and mirrors have seen, decided by metadata alone. */
@NullMarked
package dev.flotilla.controller.wheels.plan;

import org.jspecify.annotations.NullMarked;
