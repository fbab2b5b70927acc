/** The whole product in small: two regions on loopback addresses, with the cloud's part played by servers in this process. */
@NullMarked
package dev.flotilla.controller.local;

import org.jspecify.annotations.NullMarked;
