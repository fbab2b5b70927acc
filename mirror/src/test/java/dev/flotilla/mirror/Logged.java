package dev.flotilla.mirror;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import java.util.function.Predicate;
import org.slf4j.LoggerFactory;

/** What is logged while it is open. */
final class Logged implements AutoCloseable {
    private final Logger logger;
    private final ListAppender<ILoggingEvent> events = new ListAppender<>();

    private Logged(String name) {
        logger = (Logger) LoggerFactory.getLogger(name);
        events.start();
        logger.addAppender(events);
    }

    static Logged by(Class<?> type) {
        return new Logged(type.getName());
    }

    static Logged byAll() {
        return new Logged(org.slf4j.Logger.ROOT_LOGGER_NAME);
    }

    List<String> lines() {
        return lines(any -> true);
    }

    /** Of warnings and errors. */
    List<String> warnings() {
        return lines(event -> event.getLevel().isGreaterOrEqual(Level.WARN));
    }

    private List<String> lines(Predicate<ILoggingEvent> which) {
        return List.copyOf(events.list).stream()
                .filter(which)
                .map(ILoggingEvent::getFormattedMessage)
                .toList();
    }

    @Override
    public void close() {
        logger.detachAppender(events);
    }
}
