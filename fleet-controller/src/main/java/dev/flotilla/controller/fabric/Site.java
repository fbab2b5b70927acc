package dev.flotilla.controller.fabric;

import dev.flotilla.controller.machine.Machine;

/**
 * Where a node is, or is to be.
 *
 * @param login the machine, on which each command runs as whoever logs in
 * @param asRoot the same machine, on which each command runs as whoever may install
 * @param root the folder there below which everything is installed; empty for the whole system
 * @param user as whom agent and mirror run
 */
public record Site(Machine login, Machine asRoot, String root, String user) {}
