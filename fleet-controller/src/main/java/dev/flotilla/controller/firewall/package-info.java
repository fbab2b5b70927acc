/** Which packets a node's machine lets in and out, as a rule set of nftables. Pure. */
@NullMarked
package dev.flotilla.controller.firewall;

import org.jspecify.annotations.NullMarked;
