package dev.flotilla.mirror.simple;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class SpecificationTableTest {
    private static final Pattern NAMED = Pattern.compile("`([A-Za-z]+Test)\\.([A-Za-z0-9]+)`");

    private static final List<String> PACKAGES = List.of(
            "dev.flotilla.mirror",
            "dev.flotilla.mirror.files",
            "dev.flotilla.mirror.http",
            "dev.flotilla.mirror.pages",
            "dev.flotilla.mirror.simple",
            "dev.flotilla.mirror.upstream");

    @Test
    void everyTestThatTheTableNamesExists() throws IOException {
        var missing = new TreeSet<String>();
        int named = 0;
        var matcher = NAMED.matcher(Files.readString(Path.of("..", "docs", "specs", "simple-api.md")));
        while (matcher.find()) {
            named++;
            if (!exists(matcher.group(1), matcher.group(2))) {
                missing.add(matcher.group());
            }
        }
        assertThat(missing).isEmpty();
        assertThat(named).isGreaterThan(50);
    }

    private static boolean exists(String testClass, String method) {
        return PACKAGES.stream().anyMatch(inPackage -> exists(inPackage, testClass, method));
    }

    private static boolean exists(String inPackage, String testClass, String method) {
        try {
            return Arrays.stream(Class.forName(inPackage + "." + testClass).getDeclaredMethods())
                    .map(Method::getName)
                    .anyMatch(method::equals);
        } catch (ClassNotFoundException none) {
            return false;
        }
    }
}
