/**
 * The page cache: prepared pages in direct memory over persisted pages over upstream. Fresh pages are a map look-up; stale
 * ones are served while they are fetched again, and for as long as upstream fails; absence is only what upstream said.
 */
@NullMarked
package dev.flotilla.mirror.pages;

import org.jspecify.annotations.NullMarked;
