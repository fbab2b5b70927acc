package dev.flotilla.controller.local;

import java.net.URI;

/** The stand-in's API and the zone in it. */
record Route53(URI endpoint, String zone) {}
