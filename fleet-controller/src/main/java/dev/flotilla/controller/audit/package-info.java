/** What controllers have done: a chain of records in the bucket, each with the digest of the one before. */
@NullMarked
package dev.flotilla.controller.audit;

import org.jspecify.annotations.NullMarked;
