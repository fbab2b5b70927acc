package dev.flotilla.controller.local;

import java.net.InetSocketAddress;

/** Where the parts of a local fleet listen. */
record Addresses(ConfigurationFiles.MirrorPorts mirrors, InetSocketAddress dns) {}
