/**
 * The simple repository API of Python, pure: the one model of a project page, its two forms, their parsing and rendering,
 * the routes of files, and content negotiation (PEP 503, 592, 629, 658, 691, 700, 714, 740, 792, 833). Nothing here knows
 * of a network, a file system or a web server.
 */
@NullMarked
package dev.flotilla.mirror.simple;

import org.jspecify.annotations.NullMarked;
