/** From a bare machine to a node: what is there, what is different, and the steps between ([promises](docs/specs/provisioning.md)). */
@NullMarked
package dev.flotilla.controller.provision;

import org.jspecify.annotations.NullMarked;
