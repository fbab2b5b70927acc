/**
 * What pages and files may show: names that are blocked or private, sizes, quarantine, a cool-down, and views of an index at
 * another age. Pure functions of a page, a view and a time.
 */
@NullMarked
package dev.flotilla.mirror.policy;

import org.jspecify.annotations.NullMarked;
