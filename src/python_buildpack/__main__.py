"""Entry of bin/detect and bin/build. Nothing that compiles a regular expression is imported before the first line."""

if __name__ == "__main__":
    from python_buildpack import patterns

    patterns.use(patterns.TABLE)

    from python_buildpack.entry import main

    main()
