/** Whether a region serves as pip needs it, found out as pip would. */
@NullMarked
package dev.flotilla.controller.probe;

import org.jspecify.annotations.NullMarked;
